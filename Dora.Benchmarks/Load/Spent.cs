namespace Dora.Benchmarks.Load;

/// <summary>What a piece of work took.</summary>
/// <param name="Wall">Seconds.</param>
/// <param name="Cpu">Seconds of CPU, user and system, of the processes that did it.</param>
internal readonly record struct Spent(double Wall, double Cpu);
