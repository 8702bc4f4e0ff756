using System.Runtime.CompilerServices;
using Dora.Client.Routing;
using Dora.PageChannel.Client;

namespace Dora.Client.Files;

/// <summary>One file of a batch on its way; used again for another file afterwards.</summary>
internal sealed class BatchSlot
{
    private readonly SmallFileReads _files;
    private readonly Action _end;
    private BatchWindow? _window;
    private ConfiguredValueTaskAwaitable<ChannelReply>.ConfiguredValueTaskAwaiter _reply;
    private SentRequest _sent;
    private RouteTarget? _target;
    private string _path = string.Empty;
    private int _index;
    private CancellationToken _stop;

    /// <summary>Creates it.</summary>
    public BatchSlot(SmallFileReads files)
    {
        _files = files;
        _end = End;
    }

    /// <summary>Asks for a file. Never throws: what goes wrong is the file's outcome.</summary>
    public void Start(BatchWindow window, int index, string path, CancellationToken stop)
    {
        (_window, _index, _path, _stop) = (window, index, path, stop);
        try
        {
            if (!_files.TryAsk(path, stop, out _target, out _sent))
            {
                _ = FinishAsync(_files.ReadRentedAsync(index, path, stop));
                return;
            }
        }
        catch (DoraException e)
        {
            Put(new FileContent(index, path, e));
            return;
        }
        catch (Exception e)
        {
            Put(null, e);
            return;
        }

        _reply = _sent.Reply.ConfigureAwait(false).GetAwaiter();
        if (_reply.IsCompleted)
        {
            End();
        }
        else
        {
            _reply.UnsafeOnCompleted(_end);
        }
    }

    /// <summary>The reply is here.</summary>
    private void End()
    {
        ChannelReply reply = default;
        FileContent? content = null;
        Exception? failure = null;
        try
        {
            reply = _reply.GetResult();
            content = _files.TryEnd(_sent, ref reply, _index, _path, _target!);
        }
        catch (Exception e)
        {
            // The batch was stopped, or the client closed: told to who takes the files.
            failure = e;
        }

        if (content is null && failure is null)
        {
            _ = FinishAsync(_files.GoOnAsync(_sent, reply, _index, _path, _target!, _stop));
        }
        else
        {
            Put(content, failure);
        }
    }

    private async Task FinishAsync(ValueTask<FileContent> reading)
    {
        FileContent? content = null;
        Exception? failure = null;
        try
        {
            content = await reading.ConfigureAwait(false);
        }
        catch (Exception e)
        {
            failure = e;
        }

        Put(content, failure);
    }

    private void Put(FileContent? content, Exception? failure = null)
    {
        (BatchWindow window, int index) = (_window!, _index);
        (_reply, _sent, _target, _window) = (default, default, null, null);
        window.Put(this, index, content, failure);
    }
}
