using Dora;
using Dora.Silo.Hosting;

ProcessUmask.MakePrivate();

var process = new WorkerProgram(Console.OpenStandardInput(), Console.Out, Console.Error, TimeProvider.System);
return await WorkerCommandLine.InvokeAsync(args, Console.Out, Console.Error, process.RunAsync).ConfigureAwait(false);
