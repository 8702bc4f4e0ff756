namespace Dora.Tests.Doubles;

/// <summary>Waits for states that no event announces: looks often, for a bounded time, and says what did not come.</summary>
internal static class Eventually
{
    public static async Task TrueAsync(Func<bool> condition, string what, TimeSpan? within = null)
    {
        TimeSpan patience = within ?? TimeSpan.FromSeconds(20);
        long start = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            if (TimeProvider.System.GetElapsedTime(start) > patience)
            {
                throw new TimeoutException($"waited {patience} for {what}");
            }

            await Task.Delay(5);
        }
    }
}
