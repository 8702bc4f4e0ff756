namespace Dora.Storage.Ufs;

/// <summary>Opens connectors: one per mount, kept while the mount stands.</summary>
public interface IUfsProvider
{
    /// <summary>The schemes that can be mounted, in lower case.</summary>
    IReadOnlyCollection<string> Schemes { get; }

    /// <summary>The connector for a mount's root.</summary>
    /// <exception cref="DoraException"><see cref="DoraErrorCode.NotSupported"/>: no connector for the scheme.</exception>
    IUfs Open(UfsUri root);
}
