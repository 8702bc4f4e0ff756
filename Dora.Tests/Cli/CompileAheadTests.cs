using System.Diagnostics;
using System.Reflection;
using System.Reflection.PortableExecutable;
using System.Runtime.InteropServices;
using Dora.Cli;

namespace Dora.Tests.Cli;

/// <summary>A command must not spend its time on compiling itself: a Release build of the command line has its code in it (<c>eng/CompileAhead.targets</c>).</summary>
public sealed class CompileAheadTests
{
    [Fact]
    public void CommandLine_BuiltForRelease_IsCompiledAhead()
    {
        Assembly built = typeof(DoraCli).Assembly;
        bool isRelease = built.GetCustomAttribute<DebuggableAttribute>() is not { IsJITOptimizerDisabled: true };
        bool isKnownSystem = OperatingSystem.IsLinux() && RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.X64
            && !RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal);
        using var reader = new PEReader(File.OpenRead(built.Location));

        Assert.Equal(isRelease && isKnownSystem, reader.PEHeaders.CorHeader!.ManagedNativeHeaderDirectory.Size > 0);
    }
}
