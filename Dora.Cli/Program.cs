using Dora.Cli;
using Dora.Cli.Output;

return await DoraCli.RunAsync(args, StandardOutput.OpenText(), StandardOutput.IsInherited(2) ? Console.Error : TextWriter.Null);
