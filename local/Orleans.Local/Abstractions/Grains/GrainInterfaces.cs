namespace Orleans.Runtime
{
    /// <summary>Something that can receive calls.</summary>
    public interface IAddressable;

    /// <summary>An interface that the runtime implements for every grain.</summary>
    public interface IGrainExtension : IAddressable;
}

namespace Orleans
{
    using Orleans.Runtime;

    /// <summary>The base of every grain interface.</summary>
    public interface IGrain : IAddressable;

    /// <summary>A grain whose key is a string.</summary>
    public interface IGrainWithStringKey : IGrain;

    /// <summary>A grain whose key is an integer.</summary>
    public interface IGrainWithIntegerKey : IGrain;

    /// <summary>A grain whose key is a Guid.</summary>
    public interface IGrainWithGuidKey : IGrain;
}

namespace Orleans.Core.Internal
{
    using Orleans.Runtime;

    /// <summary>What the runtime answers on behalf of every grain.</summary>
    [Alias("Orleans.Core.Internal.IGrainManagementExtension")]
    public interface IGrainManagementExtension : IGrainExtension
    {
        /// <summary>Deactivates the grain once its running calls are done.</summary>
        [Alias("DeactivateOnIdle")]
        ValueTask DeactivateOnIdle();

        /// <summary>Moves the grain to the silo that its placement director chooses.</summary>
        [Alias("MigrateOnIdle")]
        ValueTask MigrateOnIdle();
    }
}
