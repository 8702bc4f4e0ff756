namespace Dora.Storage.Pages;

/// <summary>What finding bytes may cost.</summary>
public enum LocateMode
{
    /// <summary>They are not going to be read yet: only when their checksums were compared before, and not counted as a use.</summary>
    Ahead,

    /// <summary>They are going to be read: only when their checksums were compared before and the index knows them. Waits for no disk and no lock.</summary>
    Warm,

    /// <summary>They are going to be read: their checksums are compared now when they were not; may wait for the disk.</summary>
    Wait,
}
