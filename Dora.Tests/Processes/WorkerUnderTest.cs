using System.Runtime.CompilerServices;

namespace Dora.Tests.Processes;

/// <summary>Tests start the worker that was built beside them, from its own directory with its own dependencies, unless <c>DORA_WORKER</c> names another.</summary>
internal static class WorkerUnderTest
{
    private const string Variable = "DORA_WORKER";

    [ModuleInitializer]
    internal static void Choose()
    {
        // artifacts/bin/Dora.Tests/release
        var own = new DirectoryInfo(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        string built = Path.Combine(own.Parent!.Parent!.FullName, "Dora.Silo", own.Name, "dora-worker.dll");
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Variable)) && File.Exists(built))
        {
            Environment.SetEnvironmentVariable(Variable, built);
        }
    }
}
