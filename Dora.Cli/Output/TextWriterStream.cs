using System.Text;

namespace Dora.Cli.Output;

/// <summary>A stream over a text writer, for a stdout that is not the console's.</summary>
internal sealed class TextWriterStream(TextWriter writer) : Stream
{
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException("a stream to standard output has no length");

    public override long Position
    {
        get => throw new NotSupportedException("a stream to standard output has no position");
        set => throw new NotSupportedException("a stream to standard output has no position");
    }

    public override void Flush() => writer.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("standard output cannot be read");

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException("standard output cannot seek");

    public override void SetLength(long value) => throw new NotSupportedException("standard output has no length");

    public override void Write(byte[] buffer, int offset, int count)
    {
        char[] text = new char[_decoder.GetCharCount(buffer, offset, count)];
        int length = _decoder.GetChars(buffer, offset, count, text, 0);
        writer.Write(text, 0, length);
    }
}
