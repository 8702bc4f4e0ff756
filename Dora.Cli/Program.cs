using System.Text;
using Dora.Cli;
using Dora.Cli.Output;
using Dora.Core.Linux;

if (OpenFilesLimit.Problem(OpenFilesLimit.Command, "dora") is { } problem)
{
    Console.Error.WriteLine("dora: " + problem);
    return (int)ExitCode.Configuration;
}

Console.OutputEncoding = new UTF8Encoding(false); // stderr too, whatever the locale
return await DoraCli.RunAsync(args, StandardOutput.OpenText(), StandardOutput.IsInherited(2) ? Console.Error : TextWriter.Null);
