namespace Dora.Benchmarks.Ring;

/// <summary>
/// Maglev (Eisenbud et al. 2016): every worker walks its own permutation of a table and takes free slots in turn. Nearly perfect balance, one
/// table access per lookup; a change of members also moves some keys between workers that stay.
/// </summary>
internal sealed class MaglevRing : IRing
{
    private readonly ushort[] _table;
    private readonly int _members;

    internal MaglevRing(RingMember[] members, int slots)
    {
        _members = members.Length;
        _table = new ushort[slots];
        var taken = new bool[_table.Length];
        (int Offset, int Skip)[] walks =
        [
            .. members.Select(m => Hash.Seeds(m.Id))
                .Select(s => ((int)(s.First % (ulong)_table.Length), (int)((s.Second % (ulong)(_table.Length - 1)) + 1))),
        ];

        // A worker takes a slot in the rounds in which its accumulated weight passes the greatest weight.
        int greatest = members.Max(static m => m.Weight);
        var credit = new int[members.Length];
        for (int filled = 0; ;)
        {
            for (int m = 0; m < members.Length; m++)
            {
                credit[m] += members[m].Weight;
                if (credit[m] < greatest)
                {
                    continue;
                }

                credit[m] -= greatest;
                (int at, int skip) = walks[m];
                while (taken[at])
                {
                    at = (int)(((long)at + skip) % _table.Length);
                }

                taken[at] = true;
                _table[at] = (ushort)m;
                walks[m].Offset = (int)(((long)at + skip) % _table.Length);
                if (++filled == _table.Length)
                {
                    return;
                }
            }
        }
    }

    public int Owner(FileId file) => _table[(int)Math.BigMul(file.High, (ulong)_table.Length, out _)];

    public double[] ExactShares() => TableShares.Of(_table, _members);
}
