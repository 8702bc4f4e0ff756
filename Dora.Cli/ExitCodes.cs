namespace Dora.Cli;

/// <summary>Which exit code an error has.</summary>
internal static class ExitCodes
{
    public static ExitCode Of(DoraErrorCode code) => code switch
    {
        DoraErrorCode.None => ExitCode.Ok,
        DoraErrorCode.NotFound or DoraErrorCode.NotMounted => ExitCode.NotFound,
        DoraErrorCode.InvalidPath or DoraErrorCode.InvalidArgument => ExitCode.Usage,
        DoraErrorCode.AlreadyExists => ExitCode.AlreadyExists,
        DoraErrorCode.Denied => ExitCode.Denied,
        DoraErrorCode.Unavailable or DoraErrorCode.Busy => ExitCode.Unavailable,
        DoraErrorCode.Configuration or DoraErrorCode.Damaged => ExitCode.Configuration,
        _ => ExitCode.Failed,
    };
}
