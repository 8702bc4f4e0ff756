namespace Dora.Benchmarks.Ring;

/// <summary>One consistent-hashing algorithm over one set of members.</summary>
internal interface IRing
{
    /// <summary>Index of the owner in the member list the ring was built from.</summary>
    int Owner(FileId file);

    /// <summary>Each member's exact share of the key space.</summary>
    double[] ExactShares();

    /// <summary>How far, relatively, the true shares may be from <see cref="ExactShares"/>; 0 when those are exact.</summary>
    double ShareTolerance => 0;
}
