namespace Dora.Storage.Pages.Volumes;

/// <summary>How a page is to be kept. The default: no mount's rules, not pinned.</summary>
/// <param name="Mount">Tag of the mount that brings it (<see cref="IPageStore.SetMountRules"/>), 0 for none. Stored with the page.</param>
/// <param name="Pinned">Whether eviction passes it over, as far as <see cref="PageStoreOptions.PinnedShare"/> allows.</param>
/// <param name="Loaded">Put by an explicit load: somebody says that it will be read, so it counts as used when it comes to eviction. Not stored with the page.</param>
public readonly record struct PagePlacement(ushort Mount, bool Pinned, bool Loaded = false);
