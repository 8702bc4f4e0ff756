namespace Dora.Interfaces;

/// <summary>How <see cref="SkippedEntries"/> travels.</summary>
[GenerateSerializer, Immutable, Alias("Dora.SkippedEntries")]
internal struct SkippedEntriesSurrogate
{
    [Id(0)] public SkipReason Reason;

    [Id(1)] public long Count;

    [Id(2)] public string[]? Names;
}

/// <summary>Makes <see cref="SkippedEntries"/> travel.</summary>
[RegisterConverter]
internal sealed class SkippedEntriesConverter : IConverter<SkippedEntries, SkippedEntriesSurrogate>
{
    /// <inheritdoc/>
    public SkippedEntries ConvertFromSurrogate(in SkippedEntriesSurrogate surrogate) => new(surrogate.Reason, surrogate.Count, surrogate.Names ?? []);

    /// <inheritdoc/>
    public SkippedEntriesSurrogate ConvertToSurrogate(in SkippedEntries value) => new() { Reason = value.Reason, Count = value.Count, Names = [.. value.Names] };
}
