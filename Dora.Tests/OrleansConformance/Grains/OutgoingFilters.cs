namespace Dora.Tests.OrleansConformance.Grains;

/// <summary>Notes the calls to filtered grains where they are made.</summary>
internal abstract class OutgoingFilter(string name) : IOutgoingGrainCallFilter
{
    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        if (context.InterfaceMethod.DeclaringType != typeof(IFilteredGrain))
        {
            await context.Invoke();
            return;
        }

        var journal = Journal.Of(context.TargetId.Key.ToString()!);
        journal.Add($"{name} out {context.MethodName}");
        try
        {
            await context.Invoke();
            journal.Add($"{name} result {context.Result}");
        }
        catch (StoreException error)
        {
            journal.Add($"{name} error {error.Code}");
            throw;
        }
    }
}

/// <summary>Registered first on the silos: runs around the other one.</summary>
internal sealed class OuterOutgoingFilter() : OutgoingFilter("silo-outer");

internal sealed class InnerOutgoingFilter() : OutgoingFilter("silo-inner");

internal sealed class ClientOutgoingFilter() : OutgoingFilter("client");
