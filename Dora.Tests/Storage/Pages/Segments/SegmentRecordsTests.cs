using Dora.Storage.Pages.Index;
using Dora.Storage.Pages.Records;
using Dora.Storage.Pages.Segments;

namespace Dora.Tests.Storage.Pages.Segments;

/// <summary>The list of a segment's records against a sorted list.</summary>
public sealed class SegmentRecordsTests
{
    private const uint LargestId = (1u << 30) - 1;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void AnySequence_AgreesWithTheModel(int seed)
    {
        var random = new Random(seed);
        var records = new SegmentRecords();
        List<SegmentEntry> model = [];
        for (int step = 0; step < 5000; step++)
        {
            uint block = random.Next(50) == 0 ? RecordEntry.MaxSteps - 1 : (uint)random.Next(2000);
            switch (random.Next(4))
            {
                case < 2 when !model.Exists(e => e.Step == block):
                    var entry = new SegmentEntry(block, new RecordId(random.Next(20) == 0 ? LargestId : (uint)random.Next(1 << 30)));
                    records.Add(entry);
                    model.Add(entry);
                    model.Sort(static (a, b) => a.Step.CompareTo(b.Step));
                    break;
                case 2:
                    records.Remove(block);
                    model.RemoveAll(e => e.Step == block);
                    break;
                default:
                    int at = model.FindIndex(e => e.Step >= block);
                    Assert.Equal(at >= 0, records.TryNext(block, out SegmentEntry next));
                    Assert.Equal(at >= 0 ? model[at] : default, next);
                    break;
            }
        }

        Assert.Equal(model, records.Snapshot());
        records.Trim();
        Assert.Equal(model, records.Snapshot());
        Assert.Equal(6L * model.Count, records.MemoryBytes);
    }
}
