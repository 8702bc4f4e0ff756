using Dora.Storage.Pages;

namespace Dora.Tests.Storage.Pages;

/// <summary>Pages whose right bytes follow from their key, so that any byte read anywhere can be judged.</summary>
internal static class TestPages
{
    public const int Grid = PageGeometry.ExtentGrid;

    public static FileId File(int number) => FileId.FromUfsPath($"file:///test/{number}");

    public static PageKey Key(int file = 1, ulong version = 1, uint index = 0) => new(File(file), new FileVersion(version), index);

    /// <summary>The right bytes of a part of a page.</summary>
    public static byte[] Bytes(PageKey page, int offset, int length)
    {
        byte[] bytes = new byte[length];
        Fill(page, offset, bytes);
        return bytes;
    }

    /// <summary>Whether bytes are the right ones of a part of a page.</summary>
    public static bool AreRight(PageKey page, int offset, ReadOnlySpan<byte> bytes)
    {
        byte[] expected = new byte[bytes.Length];
        Fill(page, offset, expected);
        return bytes.SequenceEqual(expected);
    }

    public static async Task<PutOutcome> PutAsync(this IPageStore store, PageKey page, int offset, int length) =>
        await store.PutAsync(page, offset, Bytes(page, offset, length), CancellationToken.None);

    /// <summary>Reads a part and fails the test on any wrong byte.</summary>
    public static async Task<int> ReadCheckedAsync(this IPageStore store, PageKey page, int offset, int length)
    {
        byte[] buffer = new byte[length];
        int read = await store.ReadAsync(page, offset, buffer, CancellationToken.None);
        Assert.InRange(read, 0, length);
        Assert.True(AreRight(page, offset, buffer.AsSpan(0, read)), $"wrong bytes of {page} at {offset}");
        return read;
    }

    /// <summary>As <see cref="ReadCheckedAsync"/>, through a lease.</summary>
    public static bool LeaseChecked(this IPageStore store, PageKey page, int offset, int length)
    {
        if (!store.TryLease(page, offset, length, out PageLease lease))
        {
            return false;
        }

        using (lease)
        {
            byte[] buffer = new byte[length];
            Assert.Equal(length, lease.Length);
            Assert.Equal(length, RandomAccess.Read(lease.File, buffer, lease.FileOffset));
            Assert.True(AreRight(page, offset, buffer), $"wrong leased bytes of {page} at {offset}");
        }

        return true;
    }

    private static void Fill(PageKey page, int offset, Span<byte> bytes)
    {
        uint seed = (uint)page.File.Low * 31 + (uint)page.Version.Value * 7919 + page.Index * 104729;
        for (int i = 0; i < bytes.Length; i++)
        {
            uint x = (seed + (uint)(offset + i)) * 2654435761u;
            bytes[i] = (byte)(x >> 23);
        }
    }
}
