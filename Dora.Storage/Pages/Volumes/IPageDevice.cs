namespace Dora.Storage.Pages.Volumes;

/// <summary>The disk under a page store. Failures are <see cref="IOException"/> (error number in <c>HResult</c>) or <see cref="UnauthorizedAccessException"/>.</summary>
internal interface IPageDevice : IDeviceFiles, IDeviceBytes, IDeviceSpace;
