namespace Dora.Storage.Pages.Records;

/// <summary>An entry of the index. Once its record is removed the number may name another one, so whoever comes back with an id brings the place along.</summary>
/// <param name="Value">Shard and entry, as the index likes it; never <see cref="uint.MaxValue"/>.</param>
internal readonly record struct RecordId(uint Value);
