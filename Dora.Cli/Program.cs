using System.Text;
using Dora.Cli;
using Dora.Cli.Output;

Console.OutputEncoding = new UTF8Encoding(false); // stderr too, whatever the locale
return await DoraCli.RunAsync(args, StandardOutput.OpenText(), StandardOutput.IsInherited(2) ? Console.Error : TextWriter.Null);
