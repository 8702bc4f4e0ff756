namespace Dora.Tests.Storage.Pages.Proofs;

/// <summary>What may have happened to a page directory while nobody looked. Each kind takes seeded random places in random files.</summary>
internal sealed class Damage(string directory, DirectorySnapshot earlier, DirectorySnapshot stranger, Random random)
{
    private const int Sector = 512;

    public static readonly string[] Kinds =
    [
        "cut", "cut at a sector", "flip bits", "zero a piece", "noise over a piece", "swap pieces", "noise behind the end", "exchange two files",
        "give a file another's bytes", "delete", "duplicate", "another store's file", "an earlier file", "an earlier checkpoint", "earlier segments",
        "flip a bit in every file", "delete the checkpoint", "damage the checkpoint",
    ];

    /// <summary>Does one thing to the directory.</summary>
    public void Apply(string kind)
    {
        string victim = Any(Files());
        switch (kind)
        {
            case "cut":
                Change(victim, b => b[..random.Next(b.Length)]);
                break;
            case "cut at a sector":
                Change(victim, b => b[..(random.Next(b.Length / Sector) * Sector)]);
                break;
            case "flip bits":
                Change(victim, b => Flip(b, random.Next(1, 20)));
                break;
            case "zero a piece":
                Change(victim, b => Piece(b, static p => p.Clear()));
                break;
            case "noise over a piece":
                Change(victim, b => Piece(b, random.NextBytes));
                break;
            case "swap pieces":
                Change(victim, Swap);
                break;
            case "noise behind the end":
                Change(victim, b => [.. b, .. Noise(random.Next(1, 100_000))]);
                break;
            case "flip a bit in every file":
                Array.ForEach(Files(), f => Change(f, b => Flip(b, 1)));
                break;
            default:
                ApplyToNames(kind, victim);
                break;
        }
    }

    private void ApplyToNames(string kind, string victim)
    {
        string other = Any(Files());
        switch (kind)
        {
            case "exchange two files":
                byte[] bytes = File.ReadAllBytes(victim);
                DirectorySnapshot.Write(victim, File.ReadAllBytes(other));
                DirectorySnapshot.Write(other, bytes);
                break;
            case "give a file another's bytes":
                Change(victim, _ => File.ReadAllBytes(other));
                break;
            case "delete":
                File.Delete(victim);
                break;
            case "duplicate":
                DirectorySnapshot.Write(Path.Combine(directory, $"{(ulong)random.Next(1, 1000):x16}.seg"), File.ReadAllBytes(victim));
                break;
            case "another store's file":
                Take(stranger, IsSegment);
                break;
            case "an earlier file":
                Take(earlier, static _ => true);
                break;
            case "an earlier checkpoint":
                TakeAll(earlier, static f => !IsSegment(f));
                break;
            case "earlier segments":
                TakeAll(earlier, IsSegment);
                break;
            case "delete the checkpoint":
                Array.ForEach([.. Files().Where(static f => !IsSegment(f))], File.Delete);
                break;
            case "damage the checkpoint":
                Array.ForEach([.. Files().Where(static f => !IsSegment(f))], f => Change(f, b => Flip(b, random.Next(1, 5))));
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such damage");
        }
    }

    private static bool IsSegment(string name) => name.EndsWith(".seg", StringComparison.Ordinal);

    private string[] Files() => [.. Directory.GetFiles(directory, "*", SearchOption.AllDirectories).Where(static f => Path.GetFileName(f) != "lock").Order(StringComparer.Ordinal)];

    private string Any(string[] files) => files[random.Next(files.Length)];

    private void Take(DirectorySnapshot from, Func<string, bool> which)
    {
        string[] names = [.. from.Names.Where(which)];
        if (names.Length > 0)
        {
            string name = names[random.Next(names.Length)];
            DirectorySnapshot.Write(Path.Combine(directory, name), from[name]);
        }
    }

    private void TakeAll(DirectorySnapshot from, Func<string, bool> which)
    {
        Array.ForEach([.. Files().Where(which)], File.Delete);
        foreach (string name in from.Names.Where(which))
        {
            DirectorySnapshot.Write(Path.Combine(directory, name), from[name]);
        }
    }

    private static void Change(string file, Func<byte[], byte[]> change)
    {
        byte[] bytes = File.ReadAllBytes(file);
        if (bytes.Length > 0)
        {
            DirectorySnapshot.Write(file, change(bytes));
        }
    }

    private byte[] Flip(byte[] bytes, int count)
    {
        for (int i = 0; i < count; i++)
        {
            bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
        }

        return bytes;
    }

    private delegate void OnPiece(Span<byte> piece);

    private byte[] Piece(byte[] bytes, OnPiece change)
    {
        int length = Math.Min(bytes.Length, 64 << random.Next(11));
        change(bytes.AsSpan(random.Next(bytes.Length - length + 1), length));
        return bytes;
    }

    /// <summary>Two equally long pieces, aligned as heads are or as sectors are.</summary>
    private byte[] Swap(byte[] bytes)
    {
        int unit = random.Next(2) == 0 ? 64 : 4096;
        int length = Math.Min(unit << random.Next(6), bytes.Length / 2 / unit * unit);
        if (length > 0)
        {
            int a = random.Next((bytes.Length - length) / unit + 1) * unit;
            int b = random.Next((bytes.Length - length) / unit + 1) * unit;
            byte[] first = bytes.AsSpan(a, length).ToArray();
            byte[] second = bytes.AsSpan(b, length).ToArray();
            second.CopyTo(bytes.AsSpan(a));
            first.CopyTo(bytes.AsSpan(b));
        }

        return bytes;
    }

    private byte[] Noise(int length)
    {
        byte[] noise = new byte[length];
        random.NextBytes(noise);
        return noise;
    }
}
