using System.Collections.Concurrent;
using Orleans.Concurrency;

namespace Dora.Tests.OrleansConformance.Grains;

/// <summary>Objects that a grain saw or gave away, for the test to compare by reference.</summary>
internal static class Shelf
{
    private static readonly ConcurrentDictionary<string, object> Objects = new(StringComparer.Ordinal);

    internal static void Put(string key, object value) => Objects[key] = value;

    internal static T Take<T>(string key) => (T)Objects[key];
}

[Alias("Dora.Tests.IEchoGrain")]
public interface IEchoGrain : IConformanceGrain
{
    [Alias("KeepBox")]
    Task KeepBoxAsync(Box box);

    [Alias("GiveBox")]
    Task<Box> GiveBoxAsync();

    [Alias("KeepBytes")]
    Task KeepBytesAsync(byte[] bytes);

    [Alias("KeepNote")]
    Task<SealedNote> KeepNoteAsync(SealedNote note);

    [Alias("KeepImmutableBytes")]
    Task<Immutable<byte[]>> KeepImmutableBytesAsync(Immutable<byte[]> bytes);

    [Alias("Box")]
    Task<Box?> EchoAsync(Box? box);

    [Alias("Scalars")]
    Task<Scalars> EchoAsync(Scalars scalars);

    [Alias("Collections")]
    Task<Collections> EchoAsync(Collections collections);

    [Alias("Shape")]
    Task<Shape?> EchoAsync(Shape? shape);

    [Alias("Records")]
    Task<BaseRecord> EchoAsync(BaseRecord record);

    [Alias("Required")]
    Task<RequiredRecord> EchoAsync(RequiredRecord record);

    [Alias("Generic")]
    Task<Labelled<Box>> EchoAsync(Labelled<Box> labelled);

    [Alias("Arguments")]
    ValueTask<string> ArgumentsAsync(string? text, int? number, Color color, Point? point, params string[] rest);

    [Alias("Memory")]
    Task<ReadOnlyMemory<byte>> MemoryAsync(ReadOnlyMemory<byte> memory);

    [Alias("Grain")]
    Task<IEchoGrain?> GrainAsync(IEchoGrain? grain);

    [Alias("CallOther")]
    Task<SiloAddress> CallOtherAsync(Labelled<IEchoGrain> other);
}

[HintedPlacement]
internal sealed class EchoGrain : ConformanceGrain, IEchoGrain
{
    public Task KeepBoxAsync(Box box)
    {
        box.Label += " (seen)";
        box.Items?.Add("added by the grain");
        Shelf.Put(Key, box);
        return Task.CompletedTask;
    }

    public Task<Box> GiveBoxAsync() => Task.FromResult(Shelf.Take<Box>(Key));

    public Task KeepBytesAsync(byte[] bytes)
    {
        Shelf.Put(Key, bytes);
        return Task.CompletedTask;
    }

    public Task<SealedNote> KeepNoteAsync(SealedNote note)
    {
        Shelf.Put(Key, note);
        return Task.FromResult(note);
    }

    public Task<Immutable<byte[]>> KeepImmutableBytesAsync(Immutable<byte[]> bytes)
    {
        Shelf.Put(Key, bytes.Value);
        return Task.FromResult(bytes);
    }

    public Task<Box?> EchoAsync(Box? box) => Task.FromResult(box);

    public Task<Scalars> EchoAsync(Scalars scalars) => Task.FromResult(scalars);

    public Task<Collections> EchoAsync(Collections collections) => Task.FromResult(collections);

    public Task<Shape?> EchoAsync(Shape? shape)
    {
        Journal.Add("shape");
        return Task.FromResult(shape);
    }

    public Task<BaseRecord> EchoAsync(BaseRecord record) => Task.FromResult(record);

    public Task<RequiredRecord> EchoAsync(RequiredRecord record) => Task.FromResult(record);

    public Task<Labelled<Box>> EchoAsync(Labelled<Box> labelled) => Task.FromResult(labelled);

    public ValueTask<string> ArgumentsAsync(string? text, int? number, Color color, Point? point, params string[] rest) =>
        ValueTask.FromResult($"{text ?? "null"} {number?.ToString() ?? "null"} {color} {point?.ToString() ?? "null"} {string.Join('+', rest)}");

    public Task<ReadOnlyMemory<byte>> MemoryAsync(ReadOnlyMemory<byte> memory) => Task.FromResult(memory);

    public Task<IEchoGrain?> GrainAsync(IEchoGrain? grain) => Task.FromResult(grain);

    public Task<SiloAddress> CallOtherAsync(Labelled<IEchoGrain> other) => other.Value.WhereAsync();
}
