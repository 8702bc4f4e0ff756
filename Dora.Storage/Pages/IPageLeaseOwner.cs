using Dora.Core.Linux;
using Dora.Storage.Pages.Records;

namespace Dora.Storage.Pages;

/// <summary>Counts the leases on records.</summary>
internal interface IPageLeaseOwner : ILender
{
    /// <summary>Ends one lease on a record.</summary>
    void Release(RecordPlace place);
}
