namespace Orleans.Runtime
{
    /// <summary>The base of what the runtime throws.</summary>
    [GenerateSerializer]
    [Alias("Orleans.Runtime.OrleansException")]
    public class OrleansException : Exception
    {
        public OrleansException()
            : base("Unexpected error.")
        {
        }

        public OrleansException(string message)
            : base(message)
        {
        }

        public OrleansException(string message, Exception innerException)
            : base(message, innerException)
        {
        }
    }

    /// <summary>A silo refused the call; it may be tried again.</summary>
    [GenerateSerializer]
    [Alias("Orleans.Runtime.OrleansMessageRejectionException")]
    public class OrleansMessageRejectionException : OrleansException
    {
        internal OrleansMessageRejectionException()
        {
        }

        internal OrleansMessageRejectionException(string message)
            : base(message)
        {
        }

        internal OrleansMessageRejectionException(string message, Exception innerException)
            : base(message, innerException)
        {
        }
    }

    /// <summary>The silo of the call is gone or unknown.</summary>
    [GenerateSerializer]
    [Alias("Orleans.Runtime.SiloUnavailableException")]
    public sealed class SiloUnavailableException : OrleansMessageRejectionException
    {
        public SiloUnavailableException()
            : base("Silo unavailable")
        {
        }

        public SiloUnavailableException(string msg)
            : base(msg)
        {
        }

        public SiloUnavailableException(string message, Exception innerException)
            : base(message, innerException)
        {
        }
    }

    /// <summary>The configuration or the application's types are wrong: the host does not start.</summary>
    [GenerateSerializer]
    [Alias("Orleans.Runtime.OrleansConfigurationException")]
    public sealed class OrleansConfigurationException : Exception
    {
        public OrleansConfigurationException(string message)
            : base(message)
        {
        }

        public OrleansConfigurationException(string message, Exception innerException)
            : base(message, innerException)
        {
        }
    }

    /// <summary>A reminder could not be registered or removed.</summary>
    [GenerateSerializer]
    [Alias("Orleans.Runtime.ReminderException")]
    public sealed class ReminderException : OrleansException
    {
        public ReminderException(string message)
            : base(message)
        {
        }
    }
}

namespace Orleans.Runtime.Messaging
{
    /// <summary>No connection to the other end.</summary>
    [GenerateSerializer]
    [Alias("Orleans.Runtime.Messaging.ConnectionFailedException")]
    public class ConnectionFailedException : OrleansException
    {
        public ConnectionFailedException()
        {
        }

        public ConnectionFailedException(string message)
            : base(message)
        {
        }

        public ConnectionFailedException(string message, Exception innerException)
            : base(message, innerException)
        {
        }
    }
}
