namespace Dora.Storage.Pages;

/// <summary>How a page is to be kept. The default: no mount's rules, not pinned.</summary>
/// <param name="Mount">Tag of the mount that brings it (<see cref="IPageStore.SetMountRules"/>), 0 for none. Stored with the page.</param>
/// <param name="Pinned">Whether eviction passes it over, as far as <see cref="PageStoreOptions.PinnedShare"/> allows.</param>
public readonly record struct PagePlacement(ushort Mount, bool Pinned);
