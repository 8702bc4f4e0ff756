using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Dora.Client;
using Dora.PageChannel.Client;
using Dora.PageChannel.Server;

namespace Dora.Silo.Hosting;

/// <summary>What protects a worker's page channel, read once at start.</summary>
/// <param name="Authenticator">Who is let in.</param>
/// <param name="Token">What this worker shows to others.</param>
/// <param name="Server">TLS of its own port, or <see langword="null"/>.</param>
/// <param name="WorkerCheck">What other workers' certificates are checked with, or <see langword="null"/> without TLS.</param>
internal sealed record ChannelSecurity(
    IHelloAuthenticator Authenticator, ReadOnlyMemory<byte> Token, SslServerAuthenticationOptions? Server, RemoteCertificateValidationCallback? WorkerCheck)
{
    private const string CertificateVariable = "DORA_TLS_CERTIFICATE";
    private const string KeyVariable = "DORA_TLS_KEY";

    /// <summary>Reads what the options name, else what the environment does.</summary>
    /// <exception cref="DoraException"><see cref="DoraErrorCode.Configuration"/>: a file cannot be used.</exception>
    public static ChannelSecurity Load(WorkerOptions options)
    {
        IReadOnlyList<ReadOnlyMemory<byte>> tokens = ChannelToken.Load(options.TokenFile, Environment.GetEnvironmentVariable);
        var secrets = new SharedSecrets(tokens);
        string? certificate = options.TlsCertificate ?? Variable(CertificateVariable);
        if (certificate is null)
        {
            return new ChannelSecurity(secrets, tokens.FirstOrDefault(), null, null);
        }

        string key = options.TlsKey ?? Variable(KeyVariable) ?? certificate;
        var server = new SslServerAuthenticationOptions { ServerCertificateContext = SslStreamCertificateContext.Create(Read(certificate, key), null, offline: true) };
        string trust = options.TlsTrust ?? Variable(DoraTlsOptions.TrustVariable) ?? certificate;
        return new ChannelSecurity(secrets, tokens.FirstOrDefault(), server, WorkerCertificates.Check(trust, fingerprint: null));
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    private static X509Certificate2 Read(string certificate, string key)
    {
        try
        {
            using var read = X509Certificate2.CreateFromPemFile(certificate, key);

            // Some platforms cannot serve with a key that came straight from a PEM file.
            return X509CertificateLoader.LoadPkcs12(read.Export(X509ContentType.Pkcs12), null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new DoraException(
                DoraErrorCode.Configuration,
                $"the certificate '{certificate}' with key '{key}' cannot be used ({e.Message}): give PEM files with --tls-certificate and --tls-key",
                e);
        }
    }
}
