using Dora.Interfaces;

namespace Dora.Grains.Jobs;

/// <summary>A file that a job has found and not loaded yet.</summary>
/// <param name="Stat">As it was listed.</param>
/// <param name="Unit">Where it is counted.</param>
/// <param name="Tries">How often it was tried.</param>
/// <param name="WasCallLost">Whether the last try failed as a call, and not with this file.</param>
/// <param name="WasSlow">Whether its fetch was under way when the last try was given up.</param>
internal readonly record struct LoadFile(FileStat Stat, LoadUnit Unit, int Tries = 0, bool WasCallLost = false, bool WasSlow = false);
