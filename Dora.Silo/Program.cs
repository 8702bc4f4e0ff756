using Dora;
using Dora.Core.Linux;
using Dora.Silo.Hosting;

if (OpenFilesLimit.Problem(OpenFilesLimit.Worker, "a worker") is { } problem)
{
    Console.Error.WriteLine("dora-worker: " + problem);
    return (int)WorkerExitCode.Configuration;
}

ProcessUmask.MakePrivate();

var process = new WorkerProgram(Console.OpenStandardInput(), Console.Out, Console.Error, TimeProvider.System);
return await WorkerCommandLine.InvokeAsync(args, Console.Out, Console.Error, process.RunAsync).ConfigureAwait(false);
