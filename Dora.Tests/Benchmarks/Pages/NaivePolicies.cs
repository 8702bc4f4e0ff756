namespace Dora.Tests.Benchmarks.Pages;

/// <summary>Textbook policies once more, in the fewest lines: lists, oldest first, and linear searches.</summary>
internal static class NaivePolicies
{
    internal static Func<int, bool> Lru(int capacity)
    {
        var pages = new List<int>();
        return page =>
        {
            bool hit = pages.Remove(page);
            pages.Add(page);
            if (pages.Count > capacity)
            {
                pages.RemoveAt(0);
            }

            return hit;
        };
    }

    internal static Func<int, bool> Fifo(int capacity)
    {
        var pages = new List<int>();
        return page =>
        {
            bool hit = pages.Contains(page);
            if (!hit)
            {
                pages.Add(page);
                if (pages.Count > capacity)
                {
                    pages.RemoveAt(0);
                }
            }

            return hit;
        };
    }

    /// <summary>CLOCK as the queue it is: a used page at the front goes to the back.</summary>
    internal static Func<int, bool> Clock(int capacity)
    {
        var pages = new List<int>();
        var used = new HashSet<int>();
        return page =>
        {
            if (pages.Contains(page))
            {
                used.Add(page);
                return true;
            }

            while (pages.Count == capacity)
            {
                int front = pages[0];
                pages.RemoveAt(0);
                if (used.Remove(front))
                {
                    pages.Add(front);
                }
            }

            pages.Add(page);
            return false;
        };
    }

    internal static Func<int, bool> Sieve(int capacity)
    {
        var pages = new List<int>();
        var used = new HashSet<int>();
        int hand = 0;
        return page =>
        {
            if (pages.Contains(page))
            {
                used.Add(page);
                return true;
            }

            if (pages.Count == capacity)
            {
                while (used.Remove(pages[hand]))
                {
                    hand = (hand + 1) % capacity;
                }

                pages.RemoveAt(hand);
                hand = hand == pages.Count ? 0 : hand;
            }

            pages.Add(page);
            return false;
        };
    }

    internal static Func<int, bool> S3Fifo(int capacity)
    {
        int smallCapacity = Math.Max(1, capacity / 10);
        var small = new List<int>();
        var main = new List<int>();
        var ghosts = new List<int>();
        var use = new Dictionary<int, int>();
        return page =>
        {
            if (use.TryGetValue(page, out int count))
            {
                use[page] = Math.Min(3, count + 1);
                return true;
            }

            while (use.Count >= capacity)
            {
                Evict();
            }

            (ghosts.Remove(page) ? main : small).Add(page);
            use[page] = 0;
            return false;
        };

        void Evict()
        {
            List<int> queue = small.Count >= smallCapacity || main.Count == 0 ? small : main;
            int page = queue[0];
            queue.RemoveAt(0);
            if (queue == small && use[page] <= 1)
            {
                use.Remove(page);
                ghosts.Add(page);
                if (ghosts.Count > capacity - smallCapacity)
                {
                    ghosts.RemoveAt(0);
                }
            }
            else if (queue == small || use[page] > 0)
            {
                use[page] = queue == small ? 0 : use[page] - 1;
                main.Add(page);
            }
            else
            {
                use.Remove(page);
            }
        }
    }
}
