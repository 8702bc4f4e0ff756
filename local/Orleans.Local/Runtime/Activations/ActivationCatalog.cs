using System.Collections.Concurrent;

namespace Orleans.Runtime;

/// <summary>The activations of the local silo.</summary>
internal sealed class ActivationCatalog(ActivationShared shared, ILocalSiloDetails local)
{
    private readonly ConcurrentDictionary<GrainId, Activation> _activations = new();
    private readonly ConcurrentDictionary<GrainId, StatelessWorkers> _workers = new();
    private volatile bool _closed;

    public int Count => All.Count();

    public IEnumerable<Activation> All => _activations.Values.Concat(_workers.Values.SelectMany(workers => workers.All));

    /// <summary>Activations that the directory lists, or is about to.</summary>
    public IEnumerable<Activation> Listed => _activations.Values.Where(activation => activation.IsHosting);

    public Activation? Find(GrainId grain) => _activations.GetValueOrDefault(grain);

    /// <summary>True when calls to the grain are answered on this silo.</summary>
    public bool IsHere(GrainId grain) => _activations.ContainsKey(grain) || shared.Application.Class(grain.Type)?.Placement is StatelessWorkerPlacement;

    /// <summary>Gives a call to the grain's activation. A missing one is made when it was placed here; else the answer is false.</summary>
    public bool TryDeliver(Message message)
    {
        var model = shared.Application.Class(message.Target.Type)
            ?? throw new ArgumentException($"This silo has no grain class of type \"{message.Target.Type}\".");
        if (model.Placement is StatelessWorkerPlacement placement)
        {
            _workers.GetOrAdd(message.Target, _ => new StatelessWorkers(placement.MaxLocal, () => New(model, message.Target))).Deliver(message);
            return true;
        }

        while (true)
        {
            if (_activations.TryGetValue(message.Target, out var activation))
            {
                if (activation.TryReceive(message))
                    return true;
                Remove(activation);
                continue;
            }

            if (!message.IsNewPlacement || _closed)
                return false;
            activation = New(model, message.Target);
            if (_activations.TryAdd(message.Target, activation))
                activation.Start(message.Context, null);
        }
    }

    /// <summary>Makes the activation of a grain that comes from another silo. Null when there is one already, or none may come.</summary>
    public Activation? TryReceiveMigrating(GrainId grain, MigrationState state)
    {
        if (_closed || shared.Application.Class(grain.Type) is not { } model)
            return null;
        var activation = New(model, grain);
        if (!_activations.TryAdd(grain, activation))
            return null;
        activation.Start(null, state);
        return activation;
    }

    public void Cancel(GrainId grain, Guid call)
    {
        if (_activations.TryGetValue(grain, out var activation))
            activation.Cancel(call);
        else if (_workers.TryGetValue(grain, out var workers))
        {
            foreach (var worker in workers.All)
                worker.Cancel(call);
        }
    }

    public void Remove(Activation activation)
    {
        _activations.TryRemove(new KeyValuePair<GrainId, Activation>(activation.GrainId, activation));
        if (_workers.TryGetValue(activation.GrainId, out var workers))
            workers.Remove(activation);
    }

    /// <summary>Deactivates everything; new activations are refused from now on. Cancelled: nothing is waited for.</summary>
    public async Task CloseAsync(CancellationToken cancellationToken)
    {
        _closed = true;
        var all = All.ToList();
        foreach (var activation in all)
            activation.Deactivate(new DeactivationReason(DeactivationReasonCode.ShuttingDown, "This silo is shutting down."), cancellationToken);
        await Task.WhenAll(all.Select(activation => activation.Deactivated)).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private Activation New(GrainClassModel model, GrainId grain) =>
        new(shared, model, new GrainAddress { GrainId = grain, ActivationId = ActivationId.NewId(), SiloAddress = local.SiloAddress });
}
