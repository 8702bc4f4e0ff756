using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Dora.Client;
using Dora.PageChannel.Server;
using Dora.Tests.Client;
using Dora.Tests.Doubles;
using Dora.Tests.Waiting;

namespace Dora.Tests.PageChannel.Client;

/// <summary>The page channel behind TLS: the same answers, and a clear word when the two ends do not fit.</summary>
public sealed class TlsTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly X509Certificate2 _certificate;
    private readonly string _file;

    public TlsTests()
    {
        _file = _directory["worker.pem"];
        _certificate = TestCertificate.Create(_file);
    }

    public void Dispose()
    {
        _certificate.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task TrustedCertificate_ReadsAsWithoutTls()
    {
        await using var cluster = new FakeCluster(3, Secure);
        byte[] content = cluster.Store.Put($"{FakeCluster.Root}/f", 3_000_000);
        await using DoraClient dora = await cluster.ConnectAsync(new DoraClientOptions { Tls = new DoraTlsOptions { TrustFile = _file } });

        Assert.Equal(content, await dora.ReadAllBytesAsync("/data/f"));
        await cluster.OwnersOf("f")[0].KillAsync();
        Assert.Equal(content, await dora.ReadAllBytesAsync("/data/f"));
    }

    [Fact]
    public async Task PinnedCertificate_IsTrusted_AnotherIsNot()
    {
        await using var cluster = new FakeCluster(2, Secure);
        byte[] content = cluster.Store.Put($"{FakeCluster.Root}/f", 1000);
        string pin = _certificate.GetCertHashString(HashAlgorithmName.SHA256);
        await using DoraClient right = await cluster.ConnectAsync(new DoraClientOptions { Tls = new DoraTlsOptions { Fingerprint = pin.ToLowerInvariant() } });
        await using DoraClient wrong = await cluster.ConnectAsync(new DoraClientOptions { Tls = new DoraTlsOptions { Fingerprint = new string('0', 64) } });

        Assert.Equal(content, await right.ReadAllBytesAsync("/data/f"));
        DoraException error = await Assert.ThrowsAsync<DoraException>(() => wrong.ReadAllBytesAsync("/data/f"));
        Assert.Equal(DoraErrorCode.Denied, error.Code);
        Assert.Contains("is not trusted", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StrangersCertificate_IsRefusedAtOnce()
    {
        string other = _directory["other.pem"];
        using X509Certificate2 stranger = TestCertificate.Create(other);
        await using var cluster = new FakeCluster(2, Secure);
        cluster.Store.Put($"{FakeCluster.Root}/f", 1000);
        await using DoraClient dora = await cluster.ConnectAsync(new DoraClientOptions { Tls = new DoraTlsOptions { TrustFile = other } });

        DoraException error = await Assert.ThrowsAsync<DoraException>(() => dora.ReadAllBytesAsync("/data/f"));

        Assert.Equal(DoraErrorCode.Denied, error.Code);
        Assert.Contains(DoraTlsOptions.TrustVariable, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OnlyOneEndSpeaksTls_FailsInTime_AndLeavesNoConnection()
    {
        await using var secured = new FakeCluster(1, Secure);
        await using var plain = new FakeCluster(1);
        var options = new DoraClientOptions { Timeouts = new() { Operation = TimeSpan.FromSeconds(2) } };
        await using DoraClient toSecured = await secured.ConnectAsync(options);
        await using DoraClient toPlain = await plain.ConnectAsync(options with { Tls = new DoraTlsOptions { TrustFile = _file } });

        Assert.Equal(DoraErrorCode.Unavailable, (await Assert.ThrowsAsync<DoraException>(() => toSecured.StatAsync("/data"))).Code);
        Assert.Equal(DoraErrorCode.Unavailable, (await Assert.ThrowsAsync<DoraException>(() => toPlain.StatAsync("/data"))).Code);
        await Eventually.Async(() => secured[new WorkerId("w0")].Connections + plain[new WorkerId("w0")].Connections == 0, "the connections to end");
    }

    [Fact]
    public void TrustFile_Missing_IsSaidAtOnce()
    {
        DoraException error = Assert.Throws<DoraException>(() => new DoraTlsOptions { TrustFile = _directory["nothing"] }.Validation());
        Assert.Equal(DoraErrorCode.Configuration, error.Code);
    }

    [Fact]
    public void Secrets_AnyOfThemOpens_NothingElseDoes()
    {
        var secrets = new SharedSecrets(["one"u8.ToArray(), "two"u8.ToArray()]);
        Assert.True(secrets.Accepts("one"u8));
        Assert.True(secrets.Accepts("two"u8));
        Assert.False(secrets.Accepts("three"u8));
        Assert.False(secrets.Accepts([]));
        Assert.True(new SharedSecrets([]).Accepts("anything"u8));
    }

    private PageChannelServerOptions Secure(PageChannelServerOptions options) => options with
    {
        Tls = new SslServerAuthenticationOptions { ServerCertificate = X509CertificateLoader.LoadPkcs12(X509Certificate2.CreateFromPemFile(_file).Export(X509ContentType.Pkcs12), null) },
    };
}
