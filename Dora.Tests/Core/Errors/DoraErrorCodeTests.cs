using Dora.Tests.Doubles;

namespace Dora.Tests.Core.Errors;

public sealed class DoraErrorCodeTests
{
    [Fact]
    public void ErrorCodes_Always_HaveTheirFrozenNumbers() => FrozenEnum.Check<DoraErrorCode>(
        "grain replies",
        ("None", 0), ("NotFound", 1), ("NotMounted", 2), ("InvalidPath", 3), ("InvalidArgument", 4), ("AlreadyExists", 5), ("Denied", 6),
        ("IsDirectory", 7), ("NotDirectory", 8), ("VersionChanged", 9), ("Unavailable", 10), ("Busy", 11), ("NotSupported", 12), ("Damaged", 13),
        ("Configuration", 14), ("Internal", 15));

    [Fact]
    public void FileKinds_Always_HaveTheirFrozenNumbers() =>
        FrozenEnum.Check<FileKind>("the metadata store and stat replies", ("Missing", 0), ("File", 1), ("Directory", 2));
}
