namespace Dora.Storage.Files;

/// <summary>The right to change what is cached of a file, until it is disposed.</summary>
public readonly struct FileTurn : IDisposable
{
    private readonly FileTurns? _turns;
    private readonly FileId _file;

    internal FileTurn(FileTurns turns, FileId file) => (_turns, _file) = (turns, file);

    /// <summary>Gives the turn to the next. Once.</summary>
    public void Dispose() => _turns?.Release(_file);
}
