"""What agents send; shapes only, meaning is the services'."""

from rest_framework import serializers


class ClaimSerializer(serializers.Serializer):
    agent = serializers.CharField(max_length=4000)
    version = serializers.CharField(max_length=20)
    demo = serializers.BooleanField(default=False)


class ResultSerializer(serializers.Serializer):
    agent = serializers.CharField(max_length=4000)
    card = serializers.CharField(max_length=30000, allow_null=True, default=None)
    reading = serializers.DictField(allow_null=True, default=None)


class RemovalSerializer(serializers.Serializer):
    agent = serializers.CharField(max_length=4000)
