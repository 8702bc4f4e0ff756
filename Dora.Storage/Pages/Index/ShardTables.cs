namespace Dora.Storage.Pages.Index;

/// <summary>
/// The files and records of one shard and how they hang together. A file with up to <see cref="MaxListed"/> records keeps them as a list that
/// starts in its entry; the records of larger files are in the record table's hash by (file, page), and the entry counts them. Changes need the
/// shard's lock; lookups do not, but may then see a change half done: <see cref="IndexShard"/> judges that.
/// </summary>
internal sealed class ShardTables
{
    /// <summary>Records of a file that are cheaper to walk than to hash.</summary>
    public const int MaxListed = 4;

    public FileTable Files { get; } = new();

    public RecordTable Records { get; } = new();

    /// <summary>Looks for the record that holds a byte and reaches farthest.</summary>
    /// <param name="page">The page.</param>
    /// <param name="offset">The byte in it.</param>
    /// <param name="file">Receives the slot of the file, or 0.</param>
    /// <param name="maxSteps">Entries to look at before giving up, 0 or less when it gave up: a walk into a change may not end by itself.</param>
    /// <returns>The record's slot, or 0.</returns>
    public int Find(in PageKey page, int offset, out int file, ref int maxSteps)
    {
        file = Files.Find(page.File, ref maxSteps);
        return file == 0 || Files.Peek(file).Version != page.Version ? 0 : FindInFile(file, page.Index, offset, ref maxSteps);
    }

    /// <summary>How many bytes from an offset on are held without a gap, up to a limit.</summary>
    public int Covered(in PageKey page, int offset, int length, ref int maxSteps)
    {
        int position = offset;
        int slot = Find(page, offset, out int file, ref maxSteps);
        while (slot != 0)
        {
            int end = Records.Peek(slot).End;
            if (end <= position)
            {
                // Another record by now: the walk met a change, and what it says is thrown away.
                break;
            }

            position = end;
            slot = position - offset < length ? FindInFile(file, page.Index, position, ref maxSteps) : 0;
        }

        return Math.Min(position - offset, length);
    }

    /// <summary>The first slot of a page's records after a slot (0: from the start), or 0. Needs the lock.</summary>
    public int NextOfPage(int file, uint page, int after)
    {
        int slot = after == 0 ? Head(file, page) : Records[after].Next;
        while (slot != 0)
        {
            ref RecordEntry entry = ref Records[slot];
            if (entry.Page == page && entry.File == file)
            {
                break;
            }

            slot = entry.Next;
        }

        return slot;
    }

    /// <summary>
    /// A record of a file, or 0. Lists give their first one: callers remove what they get. Records of a large file are looked for in the whole table
    /// from a slot on, a fraction of a millisecond in all, because a list through all records would cost 8 bytes each for this alone.
    /// </summary>
    public int NextOfFile(int file, int from)
    {
        if (!Files[file].IsHashed)
        {
            return Files[file].First;
        }

        for (int slot = Math.Max(from, 1); slot < Records.End; slot++)
        {
            if (Records[slot].File == file)
            {
                return slot;
            }
        }

        return 0;
    }

    /// <summary>Adds a record to its file; both tables have been asked for memory.</summary>
    public int Insert(in RecordEntry record)
    {
        int slot = Records.Add(record);
        ref FileEntry file = ref Files[record.File];
        if (!file.IsHashed && IsListFull(file.First))
        {
            HashList(ref file);
        }

        if (file.IsHashed)
        {
            Records.Hash(slot);
            file.Count++;
        }
        else
        {
            Records[slot].Next = file.First;
            file.First = slot;
        }

        return slot;
    }

    /// <summary>Takes a record out, and its file when it was the last one.</summary>
    public void Remove(int slot)
    {
        int number = Records[slot].File;
        ref FileEntry file = ref Files[number];
        if (file.IsHashed)
        {
            Records.Unhash(slot);
            file.Count--;
        }
        else
        {
            file.First = Records.Unlink(file.First, slot);
        }

        Records.Free(slot);
        if (file.IsEmpty)
        {
            Files.Remove(number);
        }
    }

    private int Head(int file, uint page)
    {
        ref readonly FileEntry entry = ref Files.Peek(file);
        return entry.IsHashed ? Records.PeekHead(file, page) : entry.First;
    }

    private int FindInFile(int file, uint page, int offset, ref int maxSteps)
    {
        (int best, int bestEnd) = (0, offset);
        int slot = Head(file, page);
        while (slot != 0 && --maxSteps > 0)
        {
            ref readonly RecordEntry entry = ref Records.Peek(slot);
            if (entry.Page == page && entry.File == file && entry.Offset <= offset && entry.End > bestEnd)
            {
                (best, bestEnd) = (slot, entry.End);
            }

            slot = entry.Next;
        }

        return best;
    }

    private bool IsListFull(int first)
    {
        int count = 0;
        for (int slot = first; slot != 0; slot = Records[slot].Next)
        {
            count++;
        }

        return count >= MaxListed;
    }

    private void HashList(ref FileEntry file)
    {
        int count = 0;
        int slot = file.First;
        while (slot != 0)
        {
            int next = Records[slot].Next;
            Records.Hash(slot);
            count++;
            slot = next;
        }

        file.Count = count;
    }
}
