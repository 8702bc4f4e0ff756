using System.Globalization;

namespace Dora;

/// <summary>
/// What a worker announces about itself. It travels as text in the silo name, for example <c>w0;page=19000;http=18080;weight=100</c>, because the
/// silo name is atomic with membership: whoever sees the worker sees its endpoints.
/// </summary>
/// <param name="Id">The stable worker id.</param>
/// <param name="PagePort">TCP port of the page channel, 1 to 65535.</param>
/// <param name="HttpPort">TCP port of the HTTP door, or 0 when it has none.</param>
/// <param name="Weight">Share of keys relative to other workers, 1 to 10,000; 100 by convention for an ordinary worker.</param>
public sealed record WorkerDescriptor(WorkerId Id, int PagePort, int HttpPort, int Weight)
{
    /// <summary>The weight of an ordinary worker.</summary>
    public const int DefaultWeight = 100;

    /// <summary>The greatest weight.</summary>
    public const int MaxWeight = 10_000;

    /// <summary>Reads a silo name. Unknown <c>key=value</c> parts are ignored, so that newer workers may announce more; a known part
    /// with a number out of range makes the whole name invalid.</summary>
    /// <returns><see langword="null"/> when the name is not a Dora worker's.</returns>
    public static WorkerDescriptor? Parse(string? siloName)
    {
        string[] parts = (siloName ?? string.Empty).Split(';');
        if (!WorkerId.IsValid(parts[0]))
        {
            return null;
        }

        int page = 0, http = 0, weight = DefaultWeight;
        foreach (string part in parts.Skip(1))
        {
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            if (!int.TryParse(part.AsSpan(equals + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int number))
            {
                number = -1;
            }

            switch (part[..Math.Max(0, equals)])
            {
                case "page": page = number; break;
                case "http": http = number; break;
                case "weight": weight = number; break;
            }
        }

        bool valid = page is > 0 and <= 65535 && http is >= 0 and <= 65535 && weight is > 0 and <= MaxWeight;
        return valid ? new WorkerDescriptor(new WorkerId(parts[0]), page, http, weight) : null;
    }

    /// <summary>The silo name.</summary>
    public string ToSiloName() =>
        string.Create(CultureInfo.InvariantCulture, $"{Id};page={PagePort};http={HttpPort};weight={Weight}");
}
