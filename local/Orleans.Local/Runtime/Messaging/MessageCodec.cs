namespace Orleans.Runtime;

/// <summary>Messages as frames: version, kind, id, target, sender, the silos of both, interface, method, time to live, forward count, flags, context, body.</summary>
internal sealed class MessageCodec(IValueCodec values, CallBody bodies, ApplicationModel application, TimeProvider time)
{
    private const byte Version = 1;
    private const byte NewPlacementFlag = 1;

    public ReadOnlyMemory<byte> Encode(Message message)
    {
        var writer = new WireWriter()
            .Byte(Version)
            .Byte((byte)message.Kind)
            .Guid(message.Id)
            .Grain(message.Target)
            .Grain(message.Sender)
            .Silo(message.TargetSilo)
            .Silo(message.SendingSilo)
            .String(message.Interface)
            .String(message.Method)
            .Long((long)message.TimeToLive.TotalMilliseconds)
            .Int(message.ForwardCount)
            .Byte(message.IsNewPlacement ? NewPlacementFlag : (byte)0)
            .Int(message.Context?.Count ?? 0);
        foreach (var (key, value) in message.Context ?? [])
        {
            writer.String(key);
            values.Write(writer.Buffer, value, typeof(object));
        }

        writer.Bytes(Body(message).Span);
        return writer.Buffer.WrittenMemory;
    }

    public Message Decode(ReadOnlyMemory<byte> frame)
    {
        var reader = new WireReader(frame);
        if (reader.Byte() is var version && version != Version)
            throw new Serialization.SerializerException($"A message has version {version}; this host reads {Version}.");
        return new Message
        {
            Kind = (MessageKind)reader.Byte(),
            Id = reader.Guid(),
            Target = reader.Grain(),
            Sender = reader.Grain(),
            TargetSilo = reader.Silo(),
            SendingSilo = reader.Silo(),
            Interface = reader.String(),
            Method = reader.String(),
            TimeToLive = TimeSpan.FromMilliseconds(reader.Long()),
            ForwardCount = reader.Int(),
            IsNewPlacement = (reader.Byte() & NewPlacementFlag) != 0,
            Context = ReadContext(ref reader),
            Body = reader.Bytes(),
            ReceivedAt = time.GetTimestamp(),
        };
    }

    private Dictionary<string, object>? ReadContext(ref WireReader reader)
    {
        var count = reader.Int();
        if (count == 0)
            return null;
        var context = new Dictionary<string, object>();
        for (var i = 0; i < count; i++)
        {
            var key = reader.String();
            context[key] = reader.Value(values, typeof(object))!;
        }

        return context;
    }

    // A call that was meant for this silo, and has its arguments copied only, may still have to leave.
    private ReadOnlyMemory<byte> Body(Message message) => message.LocalArguments is { } arguments
        ? bodies.WriteArguments(application.Interface(message.Interface)!.Method(message.Method)!, arguments)
        : message.Body;
}
