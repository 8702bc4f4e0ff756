using Microsoft.Extensions.Logging;

namespace Orleans.Runtime;

/// <summary>Moves activations with their state from silo to silo.</summary>
internal sealed class ActivationMigration
{
    private const string Call = "migrate";

    private readonly SiloCore _core;
    private readonly SystemCalls _system;
    private readonly GrainPlacement _placement;
    private readonly ActivationCatalog _catalog;
    private readonly IValueCodec _codec;
    private readonly ILogger<ActivationMigration> _log;

    public ActivationMigration(SiloCore core, SystemCalls system, GrainPlacement placement, ActivationCatalog catalog, IValueCodec codec, ILogger<ActivationMigration> log)
    {
        _core = core;
        _system = system;
        _placement = placement;
        _catalog = catalog;
        _codec = codec;
        _log = log;
        system.Handle(Call, (_, body) => ReceiveAsync(body));
    }

    public MigrationValues NewState() => new(_codec);

    /// <summary>Null when the director chooses this silo again: the activation then just ends, as in Orleans.</summary>
    public async Task<SiloAddress?> ChooseDestinationAsync(Activation activation, Dictionary<string, object>? requestContext)
    {
        if (!activation.Model.Placement.IsUsingGrainDirectory)
            return null;
        var silo = await _placement.ChooseAsync(activation.Model, activation.GrainId, "", requestContext).ConfigureAwait(true);
        return silo.Equals(_core.Local.SiloAddress) ? null : silo;
    }

    /// <summary>When the other silo does not take it, the state is lost and the grain is activated anew by its next call.</summary>
    public async Task MoveAsync(Activation activation, SiloAddress destination, MigrationValues values)
    {
        var writer = new WireWriter().Address(activation.Address);
        values.Write(writer);
        try
        {
            await _system.CallAsync(destination, Call, writer.ToArray(), _core.Messaging.SystemResponseTimeout).ConfigureAwait(true);
        }
        catch (Exception exception)
        {
            _log.LogWarning(exception, "{Grain} could not move to {Silo}.", activation.GrainId, destination);
        }
    }

    private async Task<byte[]> ReceiveAsync(ReadOnlyMemory<byte> body)
    {
        var state = Read(body);
        if (_catalog.TryReceiveMigrating(state.Previous.GrainId, state) is null || !await state.Accepted.ConfigureAwait(false))
            throw new OrleansException($"{state.Previous.GrainId} was not accepted.");
        return [];
    }

    private MigrationState Read(ReadOnlyMemory<byte> body)
    {
        var reader = new WireReader(body);
        return new MigrationState(reader.Address()!, MigrationValues.Read(_codec, ref reader));
    }
}
