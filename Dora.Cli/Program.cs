using Dora.Cli;

return await DoraCli.RunAsync(args, Console.Out, Console.Error);
