using Dora.Core.Linux;

namespace Dora.Storage.Files;

/// <summary>Lends cached bytes to who sends them.</summary>
internal interface IWarmLoans
{
    /// <summary>
    /// Lends a range when every byte is cached in one piece, checked, and in the system's memory; as <see cref="IFileReader.TryReadWarm"/>, but that a byte may
    /// leave the system's memory before it is sent.
    /// </summary>
    bool TryLendWarm(FileMetadata file, ByteRange range, out LentBytes lent);
}
