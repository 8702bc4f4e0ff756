using Dora.PageChannel.Server;
using Dora.Silo.SameHost;

namespace Dora.Silo.PageChannel;

/// <summary>What the page channel of a worker answers beside requests for files; each may be missing.</summary>
/// <param name="Door">Where clients of this host get descriptors.</param>
/// <param name="Known">Tells other workers what this one knows.</param>
/// <param name="Views">Tells clients the workers and mounts.</param>
internal sealed record OtherAnswers(SameHostDoor? Door = null, IKnownRequestHandler? Known = null, IViewRequestHandler? Views = null);
