using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Dora.PageChannel.Client;

/// <summary>Which certificates of workers are trusted.</summary>
internal static class WorkerCertificates
{
    /// <summary>What to check a worker's certificate with; <see langword="null"/>: the system's authorities and the worker's name.</summary>
    /// <param name="trustFile">A PEM file of certificates to trust: the workers' own, or those of the authority that signed them; names are then not looked at.</param>
    /// <param name="fingerprint">The SHA-256 of the one certificate to trust, 64 hexadecimal digits, instead of a file.</param>
    /// <exception cref="DoraException"><see cref="DoraErrorCode.Configuration"/>: the trust file cannot be used.</exception>
    public static RemoteCertificateValidationCallback? Check(string? trustFile, string? fingerprint)
    {
        if (fingerprint is { } pin)
        {
            return (_, certificate, _, _) => certificate is not null
                && string.Equals(certificate.GetCertHashString(HashAlgorithmName.SHA256), pin, StringComparison.OrdinalIgnoreCase);
        }

        if (trustFile is not { } file)
        {
            return null;
        }

        var trusted = new X509Certificate2Collection();
        try
        {
            trusted.ImportFromPemFile(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new DoraException(DoraErrorCode.Configuration, $"the trust file '{file}' cannot be used ({e.Message}): give a PEM file of certificates", e);
        }

        return trusted.Count > 0
            ? (_, certificate, chain, _) => IsTrusted(certificate as X509Certificate2, chain, trusted)
            : throw new DoraException(DoraErrorCode.Configuration, $"the trust file '{file}' holds no certificate: give a PEM file of certificates");
    }

    private static bool IsTrusted(X509Certificate2? certificate, X509Chain? sent, X509Certificate2Collection trusted)
    {
        if (certificate is null)
        {
            return false;
        }

        if (trusted.Any(t => t.RawDataMemory.Span.SequenceEqual(certificate.RawDataMemory.Span)))
        {
            return true;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(trusted);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        foreach (X509ChainElement element in sent?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
        {
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        }

        return chain.Build(certificate);
    }
}
