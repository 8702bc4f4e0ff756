namespace Dora.Core.Linux;

/// <summary>Who lends <see cref="LentBytes"/>.</summary>
internal interface ILender
{
    /// <summary>Ends a loan. Does not wait for a disk.</summary>
    void TakeBack(ulong loan);
}
