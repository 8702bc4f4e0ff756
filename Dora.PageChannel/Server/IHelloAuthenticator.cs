namespace Dora.PageChannel.Server;

/// <summary>Decides who may use the page channel, by the token in the hello.</summary>
internal interface IHelloAuthenticator
{
    /// <summary>Whether a token opens the channel. Called once per connection, on its receive loop: must not wait.</summary>
    /// <param name="token">What the hello carries; empty when the client has none.</param>
    bool Accepts(ReadOnlySpan<byte> token);
}
