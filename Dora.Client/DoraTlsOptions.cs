using System.Net.Security;
using Dora.PageChannel.Client;

namespace Dora.Client;

/// <summary>
/// TLS on the page channel: for networks that are not trusted, and where a byte that flips on the way must not be served. Costs the cipher:
/// a third to a half of the plain rate is left where client and worker share two cores. Without it nothing is paid.
/// </summary>
public sealed record DoraTlsOptions
{
    /// <summary>Names the file of <see cref="TrustFile"/> in the environment.</summary>
    public const string TrustVariable = "DORA_TLS_TRUST";

    /// <summary>
    /// A PEM file of certificates to trust: the workers' own, or those of the authority that signed them; names are then not looked at.
    /// <see langword="null"/> (default): the system's authorities, and the certificate must carry the worker's host name or address.
    /// </summary>
    public string? TrustFile { get; init; }

    /// <summary>The SHA-256 of the one certificate to trust, 64 hexadecimal digits, instead of a file. <see langword="null"/> (default): see <see cref="TrustFile"/>.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>What to check a worker's certificate with.</summary>
    /// <exception cref="DoraException"><see cref="DoraErrorCode.Configuration"/>: the trust file cannot be used.</exception>
    internal RemoteCertificateValidationCallback? Validation() => WorkerCertificates.Check(TrustFile, Fingerprint);
}
