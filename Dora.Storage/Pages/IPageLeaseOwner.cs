namespace Dora.Storage.Pages;

/// <summary>Counts the leases on one piece of storage.</summary>
internal interface IPageLeaseOwner
{
    /// <summary>Ends one lease.</summary>
    void Release();
}
