using System.Security.Cryptography;

namespace Dora.PageChannel.Server;

/// <summary>
/// Accepts those who know one of the cluster's secrets; everyone when there is none. The time it takes tells nothing about a secret, not even its length:
/// hashes are compared, all of them, whichever fits.
/// </summary>
internal sealed class SharedSecrets(IEnumerable<ReadOnlyMemory<byte>> secrets) : IHelloAuthenticator
{
    private readonly byte[][] _hashes = [.. secrets.Where(static s => !s.IsEmpty).Select(static s => SHA256.HashData(s.Span))];

    /// <inheritdoc/>
    public bool Accepts(ReadOnlySpan<byte> token)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(token, hash);
        bool isKnown = _hashes.Length == 0;
        foreach (byte[] known in _hashes)
        {
            isKnown |= CryptographicOperations.FixedTimeEquals(known, hash);
        }

        return isKnown;
    }
}
