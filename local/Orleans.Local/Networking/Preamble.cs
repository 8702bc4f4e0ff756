using System.Text;

namespace Orleans.Runtime.Networking;

/// <summary>
/// The first frame of a connection, from the end that opened it. Text lines: magic, version, cluster id, who is calling, who is called.
/// The answer is one frame: "ok", the silo's address; or "no", the reason. Both at most <see cref="MaxBytes"/>.
/// </summary>
/// <param name="ClusterId">The caller's cluster.</param>
/// <param name="Silo">The calling silo, null for a client.</param>
/// <param name="Client">The calling client, default for a silo.</param>
/// <param name="Target">The silo that is meant, null for a client that wants any gateway.</param>
internal sealed record Preamble(string ClusterId, SiloAddress? Silo, GrainId Client, SiloAddress? Target)
{
    public const int MaxBytes = 1024;

    private const string Magic = "orleans-local";
    private const string Version = "1";

    public byte[] ToBytes() => Encoding.UTF8.GetBytes(string.Join('\n', Magic, Version, ClusterId,
        Silo is null ? "" : Silo.ToParsableString(), Silo is null ? Client.ToString() : "", Target?.ToParsableString() ?? ""));

    /// <exception cref="InvalidDataException">The bytes are no preamble, or one of another version.</exception>
    public static Preamble Parse(byte[] bytes)
    {
        string[] lines = Encoding.UTF8.GetString(bytes).Split('\n');
        if (lines.Length < 2 || lines[0] != Magic) throw new InvalidDataException("This is not a connection between silos or clients.");
        if (lines[1] != Version) throw new InvalidDataException($"The other end speaks version {lines[1]}, this one {Version}.");
        SiloAddress? silo = null, target = null;
        GrainId client = default;
        bool good = lines.Length == 6
            && (lines[3].Length == 0 || SiloAddress.TryParse(lines[3], out silo))
            && (lines[4].Length == 0 || GrainId.TryParse(lines[4], out client))
            && (lines[5].Length == 0 || SiloAddress.TryParse(lines[5], out target))
            && silo is null == lines[4].Length > 0;
        return good ? new Preamble(lines[2], silo, client, target) : throw new InvalidDataException("The preamble is malformed.");
    }

    public static byte[] Accept(SiloAddress silo) => Encoding.UTF8.GetBytes("ok\n" + silo.ToParsableString());

    public static byte[] Refuse(string reason) => Encoding.UTF8.GetBytes("no\n" + reason);

    /// <summary>The silo that accepted.</summary>
    /// <exception cref="InvalidDataException">It refused, or answered something else.</exception>
    public static SiloAddress ParseAnswer(byte[]? bytes)
    {
        string[] lines = Encoding.UTF8.GetString(bytes ?? []).Split('\n', 2);
        if (lines is ["ok", var address] && SiloAddress.TryParse(address, out SiloAddress? silo)) return silo;
        throw new InvalidDataException(lines is ["no", var reason] ? $"The other end refused: {reason}" : "The other end closed the connection.");
    }
}
