using Dora.PageChannel.Codec;

namespace Dora.PageChannel.Client;

/// <summary>The outcome of connecting.</summary>
/// <param name="Connection">Set on success.</param>
/// <param name="Status">What the worker said to the hello, if it refused.</param>
/// <param name="Error">One line on failure.</param>
/// <param name="IsTimeout">Whether it failed because nothing came in time, which a busy worker may be the reason of.</param>
internal readonly record struct ConnectResult(PageChannelConnection? Connection, PageChannelStatus Status, string? Error, bool IsTimeout = false);
