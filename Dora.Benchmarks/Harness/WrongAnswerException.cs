namespace Dora.Benchmarks.Harness;

/// <summary>What is measured gave a wrong answer: the run ends with a non-zero exit code, and no figure is printed.</summary>
internal sealed class WrongAnswerException(string message) : Exception(message);
